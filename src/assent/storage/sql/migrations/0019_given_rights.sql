-- The rights that a module gave to somebody at her last sign-in, to be taken back when it gives them no longer
-- (assent.records.identities.Given).

ALTER TABLE "identities" ADD COLUMN "gave" {json};
