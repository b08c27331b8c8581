-- What is remembered, one table a record (assent.storage.tables). The issuer leads every key and index.

CREATE TABLE "clients" (
    "issuer" {text} NOT NULL,
    "client_id" {text} NOT NULL,
    "client_name" {text} NOT NULL,
    "enabled" {boolean} NOT NULL,
    "redirect_uris" {json} NOT NULL,
    "launch_uris" {json} NOT NULL,
    "grant_types" {json} NOT NULL,
    "response_types" {json} NOT NULL,
    "token_endpoint_auth_method" {text} NOT NULL,
    "jwks" {json},
    "jwks_uri" {text},
    "secrets" {json} NOT NULL,
    "scope" {json} NOT NULL,
    "auto_approve_scope" {json} NOT NULL,
    "auto_grant_scope" {json} NOT NULL,
    "required_scope" {json} NOT NULL,
    "scope_reasons" {json},
    "remember_approved_scopes" {boolean} NOT NULL,
    "always_require_approval" {boolean} NOT NULL,
    "offline_choices" {json} NOT NULL,
    "access_token_seconds" {integer},
    "refresh_token_seconds" {integer},
    "refresh_retry_seconds" {integer} NOT NULL,
    "pkce" {text} NOT NULL,
    "assertion_profile" {text} NOT NULL,
    "permissions" {json} NOT NULL,
    "client_credentials_scope" {text} NOT NULL,
    "can_introspect" {text} NOT NULL,
    "terms_version" {text},
    "client_uri" {text},
    "publisher" {text},
    "logo_uri" {text},
    "policy_uri" {text},
    "tos_uri" {text},
    "contacts" {json} NOT NULL,
    "reviewed_at" {integer},
    "managed_by_portal" {boolean} NOT NULL,
    "attestation_accepted" {boolean},
    "post_logout_redirect_uris" {json} NOT NULL,
    "backchannel_logout_uri" {text},
    "subject_type" {text} NOT NULL,
    "require_pushed_authorization_requests" {boolean} NOT NULL,
    "dpop_bound_access_tokens" {boolean} NOT NULL,
    "created_at" {integer} NOT NULL,
    "updated_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "client_id")
) {options};

CREATE TABLE "people" (
    "issuer" {text} NOT NULL,
    "person_id" {text} NOT NULL,
    "username" {text} NOT NULL,
    "name_key" {text} NOT NULL,
    "password_hash" {text},
    "given_name" {text},
    "family_name" {text},
    "email" {text},
    "locale" {text},
    "enabled" {boolean} NOT NULL,
    "fhir_user" {text},
    "permissions" {json} NOT NULL,
    "represents" {json} NOT NULL,
    "default_launch_contexts" {json} NOT NULL,
    "created_at" {integer} NOT NULL,
    "updated_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "person_id")
) {options};

CREATE TABLE "names" (
    "issuer" {text} NOT NULL,
    "name_key" {text} NOT NULL,
    "person_id" {text} NOT NULL,
    PRIMARY KEY ("issuer", "name_key")
) {options};

CREATE TABLE "throttles" (
    "issuer" {text} NOT NULL,
    "key" {text} NOT NULL,
    "failures" {integer} NOT NULL,
    "last_failed_at" {integer} NOT NULL,
    "locked_until" {integer} NOT NULL,
    "expires_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "key")
) {options};

CREATE INDEX "throttles_by_expires_at" ON "throttles" ("issuer"{finding}, "expires_at");

CREATE TABLE "grants" (
    "issuer" {text} NOT NULL,
    "grant_id" {text} NOT NULL,
    "client_id" {text} NOT NULL,
    "person_id" {text} NOT NULL,
    "session_hash" {bytes},
    "scope" {text} NOT NULL,
    "context" {json} NOT NULL,
    "aud" {text} NOT NULL,
    "nonce" {text},
    "auth_time" {integer} NOT NULL,
    "acr" {text},
    "amr" {json} NOT NULL,
    "fhir_user" {text},
    "online" {boolean} NOT NULL,
    "created_at" {integer} NOT NULL,
    "expires_at" {integer} NOT NULL,
    "last_used_at" {integer} NOT NULL,
    "revoked_at" {integer} NOT NULL,
    "revoked_because" {text},
    PRIMARY KEY ("issuer", "grant_id")
) {options};

CREATE INDEX "grants_by_person_id_client_id" ON "grants" ("issuer"{finding}, "person_id", "client_id", "grant_id"{finding});

CREATE INDEX "grants_by_client_id" ON "grants" ("issuer"{finding}, "client_id", "grant_id"{finding});

CREATE INDEX "grants_by_session_hash" ON "grants" ("issuer"{finding}, "session_hash", "grant_id"{finding});

CREATE TABLE "codes" (
    "issuer" {text} NOT NULL,
    "code_hash" {bytes} NOT NULL,
    "grant_id" {text} NOT NULL,
    "client_id" {text} NOT NULL,
    "redirect_uri" {text} NOT NULL,
    "code_challenge" {text},
    "expires_at" {integer} NOT NULL,
    "used_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "code_hash")
) {options};

CREATE INDEX "codes_by_expires_at" ON "codes" ("issuer"{finding}, "expires_at");

CREATE TABLE "refresh_tokens" (
    "issuer" {text} NOT NULL,
    "token_hash" {bytes} NOT NULL,
    "grant_id" {text} NOT NULL,
    "client_id" {text} NOT NULL,
    "scope" {text} NOT NULL,
    "created_at" {integer} NOT NULL,
    "expires_at" {integer} NOT NULL,
    "used_at" {integer} NOT NULL,
    "successor_hash" {bytes},
    PRIMARY KEY ("issuer", "token_hash")
) {options};

CREATE INDEX "refresh_tokens_by_grant_id" ON "refresh_tokens" ("issuer"{finding}, "grant_id");

CREATE INDEX "refresh_tokens_by_expires_at" ON "refresh_tokens" ("issuer"{finding}, "expires_at");

CREATE TABLE "token_scopes" (
    "issuer" {text} NOT NULL,
    "jti" {text} NOT NULL,
    "scope" {text} NOT NULL,
    "expires_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "jti")
) {options};

CREATE INDEX "token_scopes_by_expires_at" ON "token_scopes" ("issuer"{finding}, "expires_at");

CREATE TABLE "revoked_tokens" (
    "issuer" {text} NOT NULL,
    "jti" {text} NOT NULL,
    "expires_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "jti")
) {options};

CREATE INDEX "revoked_tokens_by_expires_at" ON "revoked_tokens" ("issuer"{finding}, "expires_at");

CREATE TABLE "seen_assertions" (
    "issuer" {text} NOT NULL,
    "jti_hash" {bytes} NOT NULL,
    "expires_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "jti_hash")
) {options};

CREATE INDEX "seen_assertions_by_expires_at" ON "seen_assertions" ("issuer"{finding}, "expires_at");

CREATE TABLE "sessions" (
    "issuer" {text} NOT NULL,
    "session_hash" {bytes} NOT NULL,
    "public_id" {text} NOT NULL,
    "person_id" {text} NOT NULL,
    "auth_time" {integer} NOT NULL,
    "amr" {json} NOT NULL,
    "created_at" {integer} NOT NULL,
    "last_seen_at" {integer} NOT NULL,
    "expires_at" {integer} NOT NULL,
    "address" {text},
    "user_agent" {text},
    "ended_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "session_hash")
) {options};

CREATE INDEX "sessions_by_person_id" ON "sessions" ("issuer"{finding}, "person_id");

CREATE INDEX "sessions_by_expires_at" ON "sessions" ("issuer"{finding}, "expires_at");

CREATE TABLE "pending" (
    "issuer" {text} NOT NULL,
    "pending_hash" {bytes} NOT NULL,
    "browser_hash" {bytes} NOT NULL,
    "client_id" {text} NOT NULL,
    "request" {json} NOT NULL,
    "created_at" {integer} NOT NULL,
    "expires_at" {integer} NOT NULL,
    "session_hash" {bytes},
    "reauthenticated_at" {integer} NOT NULL,
    "patient" {text},
    "encounter" {text},
    "approved_scope" {text},
    "closed_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "pending_hash")
) {options};

CREATE INDEX "pending_by_expires_at" ON "pending" ("issuer"{finding}, "expires_at");

CREATE TABLE "launches" (
    "issuer" {text} NOT NULL,
    "launch_hash" {bytes} NOT NULL,
    "client_id" {text} NOT NULL,
    "registered_by" {text} NOT NULL,
    "person" {text},
    "context" {json} NOT NULL,
    "created_at" {integer} NOT NULL,
    "expires_at" {integer} NOT NULL,
    "browser_hash" {bytes},
    "spent_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "launch_hash")
) {options};

CREATE INDEX "launches_by_expires_at" ON "launches" ("issuer"{finding}, "expires_at");

CREATE TABLE "signing_keys" (
    "issuer" {text} NOT NULL,
    "kid" {text} NOT NULL,
    "alg" {text} NOT NULL,
    "public_jwk" {json} NOT NULL,
    "private_sealed" {bytes} NOT NULL,
    "created_at" {integer} NOT NULL,
    "activates_at" {integer} NOT NULL,
    "retires_at" {integer} NOT NULL,
    "removes_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "kid")
) {options};

CREATE TABLE "secrets" (
    "issuer" {text} NOT NULL,
    "name" {text} NOT NULL,
    "sealed" {bytes} NOT NULL,
    "created_at" {integer} NOT NULL,
    PRIMARY KEY ("issuer", "name")
) {options};

CREATE TABLE "audit" (
    "issuer" {text} NOT NULL,
    "event_id" {text} NOT NULL,
    "at" {integer} NOT NULL,
    "type" {text} NOT NULL,
    "outcome" {text} NOT NULL,
    "client_id" {text},
    "person_id" {text},
    "grant_id" {text},
    "actor" {text},
    "address" {text},
    "reference" {text},
    "detail" {json},
    PRIMARY KEY ("issuer", "event_id")
) {options};

CREATE INDEX "audit_by_person_id" ON "audit" ("issuer"{finding}, "person_id", "event_id"{finding});

CREATE INDEX "audit_by_client_id" ON "audit" ("issuer"{finding}, "client_id", "event_id"{finding});

CREATE INDEX "audit_by_type" ON "audit" ("issuer"{finding}, "type", "event_id"{finding});
