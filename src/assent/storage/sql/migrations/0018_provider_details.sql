-- Of providers: whose web pages may use its access tokens here, which tenants of an issuer of many are trusted, and
-- whether a browser may bring its word that somebody signed out.

ALTER TABLE "providers" ADD COLUMN "allowed_origins" {json} NOT NULL DEFAULT '[]';
ALTER TABLE "providers" ADD COLUMN "allowed_tenants" {json} NOT NULL DEFAULT '[]';
ALTER TABLE "providers" ADD COLUMN "frontchannel_logout" {boolean} NOT NULL DEFAULT FALSE;
