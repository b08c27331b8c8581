-- Who people are where they sign in (assent.records.identities), browsers that were sent there, and by which module a
-- session began.

CREATE TABLE "identities" (
    "issuer" {text} NOT NULL,
    "module" {text} NOT NULL,
    "provider" {text} NOT NULL,
    "subject" {text} NOT NULL,
    "person_id" {text} NOT NULL,
    "created_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "module", "provider", "subject")
) {options};

CREATE INDEX "identities_by_person_id" ON "identities" ("issuer"{finding}, "person_id", "module"{finding}, "provider"{finding}, "subject"{finding});

CREATE TABLE "departures" (
    "issuer" {text} NOT NULL,
    "state_hash" {bytes} NOT NULL,
    "browser_hash" {bytes} NOT NULL,
    "module" {text} NOT NULL,
    "flow" {text},
    "to" {text},
    "kept" {json} NOT NULL,
    "created_at" {integer} NOT NULL,
    "expires_at" {integer} NOT NULL,
    "answer" {json},
    PRIMARY KEY ("issuer", "state_hash")
) {options};

CREATE INDEX "departures_by_expires_at" ON "departures" ("issuer"{finding}, "expires_at");

ALTER TABLE "sessions" ADD COLUMN "module" {text} NOT NULL DEFAULT 'local';
ALTER TABLE "sessions" ADD COLUMN "acr" {text};
ALTER TABLE "sessions" ADD COLUMN "provider_session" {text};
