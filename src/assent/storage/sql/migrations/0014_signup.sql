-- Sign-ups that wait for a code that was mailed (assent.records.sign_ups).

CREATE TABLE "sign_ups" (
    "issuer" {text} NOT NULL,
    "sign_up_hash" {bytes} NOT NULL,
    "browser_hash" {bytes} NOT NULL,
    "email" {text} NOT NULL,
    "code_hash" {bytes},
    "tries" {integer} NOT NULL,
    "created_at" {integer} NOT NULL,
    "expires_at" {integer} NOT NULL,
    "used_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "sign_up_hash")
) {options};

CREATE INDEX "sign_ups_by_expires_at" ON "sign_ups" ("issuer"{finding}, "expires_at");
