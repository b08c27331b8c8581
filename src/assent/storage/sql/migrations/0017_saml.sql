-- Sessions by the name that their SAML provider has for the person (assent.records.providers).

ALTER TABLE "logout_hints" ADD COLUMN "name_hash" {bytes};

CREATE INDEX "logout_hints_by_name_hash" ON "logout_hints" ("issuer"{finding}, "name_hash");
