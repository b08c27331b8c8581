-- What the app was told of a request to which the person said no (assent.records.sessions.Pending).

ALTER TABLE "pending" ADD COLUMN "refused" {text};
