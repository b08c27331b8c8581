-- What the approval page settles beside the scope: for how long the app may keep access.

ALTER TABLE "pending" ADD COLUMN "keep_seconds" {integer};
