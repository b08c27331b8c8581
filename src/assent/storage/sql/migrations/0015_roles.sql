-- Permissions under a name (assent.records.roles), and who may act for whom (assent.records.delegations).

CREATE TABLE "roles" (
    "issuer" {text} NOT NULL,
    "name" {text} NOT NULL,
    "title" {text} NOT NULL,
    "description" {text},
    "permissions" {json} NOT NULL,
    "created_at" {integer} NOT NULL,
    "updated_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "name")
) {options};

CREATE TABLE "delegations" (
    "issuer" {text} NOT NULL,
    "person_id" {text} NOT NULL,
    "patient" {text} NOT NULL,
    "relationship" {text} NOT NULL,
    "access" {text} NOT NULL,
    "starts_at" {integer} NOT NULL,
    "expires_at" {integer} NOT NULL,
    "until_age" {integer},
    "created_at" {integer} NOT NULL,
    "updated_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "person_id", "patient")
) {options};

CREATE INDEX "delegations_by_person_id" ON "delegations" ("issuer"{finding}, "person_id"{finding}, "patient"{finding});
CREATE INDEX "delegations_by_patient" ON "delegations" ("issuer"{finding}, "patient"{finding}, "person_id"{finding});
CREATE INDEX "delegations_by_expires_at" ON "delegations" ("issuer"{finding}, "expires_at");

ALTER TABLE "people" ADD COLUMN "roles" {json} NOT NULL DEFAULT '[]';
ALTER TABLE "people" ADD COLUMN "has_delegations" {boolean} NOT NULL DEFAULT FALSE;
ALTER TABLE "clients" ADD COLUMN "roles" {json} NOT NULL DEFAULT '[]';
ALTER TABLE "grants" ADD COLUMN "acting_for" {text};
