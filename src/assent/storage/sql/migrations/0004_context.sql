-- Whose records a person opened last, by bare id (assent.records.recent).

CREATE TABLE "recent_patients" (
    "issuer" {text} NOT NULL,
    "person_id" {text} NOT NULL,
    "patients" {json} NOT NULL,
    "expires_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "person_id")
) {options};

CREATE INDEX "recent_patients_by_expires_at" ON "recent_patients" ("issuer"{finding}, "expires_at");
