-- Whose account was guessed at (assent.records.people.Throttle), passwords that have to be changed, and the mail address
-- of a sign-up that was finished (assent.records.sign_ups.ClaimedAddress).

ALTER TABLE "throttles" ADD COLUMN "person_id" {text};

CREATE INDEX "throttles_by_person_id" ON "throttles" ("issuer"{finding}, "person_id", "key"{finding});

ALTER TABLE "people" ADD COLUMN "must_change_password" {boolean} NOT NULL DEFAULT FALSE;

CREATE TABLE "claimed_addresses" (
    "issuer" {text} NOT NULL,
    "email_key" {text} NOT NULL,
    "expires_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "email_key")
) {options};

CREATE INDEX "claimed_addresses_by_expires_at" ON "claimed_addresses" ("issuer"{finding}, "expires_at");
