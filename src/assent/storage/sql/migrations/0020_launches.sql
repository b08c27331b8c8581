-- Whose account an EHR's launch names, where it names one (assent.records.sessions.Launch).

ALTER TABLE "launches" ADD COLUMN "person_id" {text};
