-- What people agreed to: one row for a person, a client and a version of the terms of service.

CREATE TABLE "agreements" (
    "issuer" {text} NOT NULL,
    "person_id" {text} NOT NULL,
    "client_id" {text} NOT NULL,
    "version" {text} NOT NULL,
    "agreed_at" {integer} NOT NULL,
    "language" {text} NOT NULL,
    "text_hash" {bytes} NOT NULL,
    "revoked_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "person_id", "client_id", "version")
) {options};

CREATE INDEX "agreements_by_person_id_client_id" ON "agreements" ("issuer"{finding}, "person_id"{finding}, "client_id"{finding}, "version"{finding});

CREATE INDEX "agreements_by_client_id" ON "agreements" ("issuer"{finding}, "client_id"{finding}, "person_id"{finding}, "version"{finding});
