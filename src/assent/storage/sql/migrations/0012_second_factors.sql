-- What people prove beside their passwords (assent.records.second_factors), and what of it a session has proven.

CREATE TABLE "one_time_codes" (
    "issuer" {text} NOT NULL,
    "person_id" {text} NOT NULL,
    "secret_sealed" {bytes} NOT NULL,
    "last_step" {integer} NOT NULL,
    "created_at" {integer} NOT NULL,
    "last_used_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "person_id")
) {options};

CREATE TABLE "codes_being_set_up" (
    "issuer" {text} NOT NULL,
    "person_id" {text} NOT NULL,
    "session_hash" {bytes} NOT NULL,
    "secret_sealed" {bytes} NOT NULL,
    "created_at" {integer} NOT NULL,
    "expires_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "person_id")
) {options};

CREATE INDEX "codes_being_set_up_by_expires_at" ON "codes_being_set_up" ("issuer"{finding}, "expires_at");

CREATE TABLE "recovery_codes" (
    "issuer" {text} NOT NULL,
    "person_id" {text} NOT NULL,
    "code_hashes" {json} NOT NULL,
    "created_at" {integer} NOT NULL,
    "changes" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "person_id")
) {options};

CREATE TABLE "passkeys" (
    "issuer" {text} NOT NULL,
    "credential_hash" {bytes} NOT NULL,
    "person_id" {text} NOT NULL,
    "credential_id" {bytes} NOT NULL,
    "public_key" {bytes} NOT NULL,
    "sign_count" {integer} NOT NULL,
    "name" {text} NOT NULL,
    "device_bound" {boolean} NOT NULL,
    "created_at" {integer} NOT NULL,
    "last_used_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "credential_hash")
) {options};

CREATE INDEX "passkeys_by_person_id" ON "passkeys" ("issuer"{finding}, "person_id");

CREATE TABLE "answered_challenges" (
    "issuer" {text} NOT NULL,
    "challenge_hash" {bytes} NOT NULL,
    "expires_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "challenge_hash")
) {options};

CREATE INDEX "answered_challenges_by_expires_at" ON "answered_challenges" ("issuer"{finding}, "expires_at");

CREATE TABLE "remembered_browsers" (
    "issuer" {text} NOT NULL,
    "cookie_hash" {bytes} NOT NULL,
    "person_id" {text} NOT NULL,
    "public_id" {text} NOT NULL,
    "user_agent" {text},
    "created_at" {integer} NOT NULL,
    "expires_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "cookie_hash", "person_id")
) {options};

CREATE INDEX "remembered_browsers_by_person_id" ON "remembered_browsers" ("issuer"{finding}, "person_id"{finding});

CREATE INDEX "remembered_browsers_by_expires_at" ON "remembered_browsers" ("issuer"{finding}, "expires_at");

ALTER TABLE "people" ADD COLUMN "has_factors" {boolean} NOT NULL DEFAULT FALSE;
ALTER TABLE "sessions" ADD COLUMN "factor_at" {integer} NOT NULL DEFAULT 0;
ALTER TABLE "sessions" ADD COLUMN "browser_remembered" {boolean} NOT NULL DEFAULT FALSE;
