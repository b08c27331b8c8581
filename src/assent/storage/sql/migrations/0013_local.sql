-- Codes that were mailed (assent.records.mailed_codes), mail addresses as they are compared, and how often in a row an
-- account was locked.

CREATE TABLE "mailed_codes" (
    "issuer" {text} NOT NULL,
    "request_hash" {bytes} NOT NULL,
    "purpose" {text} NOT NULL,
    "person_id" {text},
    "browser_hash" {bytes},
    "code_hash" {bytes} NOT NULL,
    "tries" {integer} NOT NULL,
    "created_at" {integer} NOT NULL,
    "expires_at" {integer} NOT NULL,
    "used_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "request_hash")
) {options};

CREATE INDEX "mailed_codes_by_person_id" ON "mailed_codes" ("issuer"{finding}, "person_id");

CREATE INDEX "mailed_codes_by_expires_at" ON "mailed_codes" ("issuer"{finding}, "expires_at");

ALTER TABLE "people" ADD COLUMN "email_key" {text};

UPDATE "people" SET "email_key" = LOWER("email");

CREATE INDEX "people_by_email_key" ON "people" ("issuer"{finding}, "email_key", "person_id"{finding});

ALTER TABLE "throttles" ADD COLUMN "locks" {integer} NOT NULL DEFAULT 0;
