-- Providers elsewhere that are trusted (assent.records.providers), and sessions by the provider's own session.

CREATE TABLE "providers" (
    "issuer" {text} NOT NULL,
    "name" {text} NOT NULL,
    "title" {text} NOT NULL,
    "iss" {text} NOT NULL,
    "client_id" {text} NOT NULL,
    "enabled" {boolean} NOT NULL,
    "trusted_for" {json} NOT NULL,
    "discovery" {boolean} NOT NULL,
    "authorization_endpoint" {text},
    "token_endpoint" {text},
    "userinfo_endpoint" {text},
    "jwks_uri" {text},
    "jwks" {json},
    "introspection_endpoint" {text},
    "end_session_endpoint" {text},
    "token_endpoint_auth_method" {text} NOT NULL,
    "assertion_alg" {text} NOT NULL,
    "assertion_audience" {text} NOT NULL,
    "secret_sealed" {bytes},
    "key_sealed" {bytes},
    "scope" {json} NOT NULL,
    "authorization_parameters" {json} NOT NULL,
    "id_token_algs" {json} NOT NULL,
    "leeway_seconds" {integer} NOT NULL,
    "ask_userinfo" {boolean} NOT NULL,
    "sign_out_there" {boolean} NOT NULL,
    "claims" {json} NOT NULL,
    "username_prefix" {text} NOT NULL,
    "fhir_user_type" {text},
    "fhir_base" {text},
    "permission_rules" {json} NOT NULL,
    "token_validation" {text} NOT NULL,
    "token_audience" {text},
    "token_rights" {text} NOT NULL,
    "created_at" {integer} NOT NULL,
    "updated_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "name")
) {options};

CREATE TABLE "logout_hints" (
    "issuer" {text} NOT NULL,
    "session_hash" {bytes} NOT NULL,
    "sealed" {bytes} NOT NULL,
    "expires_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "session_hash")
) {options};

CREATE INDEX "logout_hints_by_expires_at" ON "logout_hints" ("issuer"{finding}, "expires_at");

CREATE INDEX "sessions_by_provider_session" ON "sessions" ("issuer"{finding}, "provider_session");
