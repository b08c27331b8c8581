-- Apps' logos: what came of fetching one, and the picture that was made of it.

CREATE TABLE "logos" (
    "issuer" {text} NOT NULL,
    "client_id" {text} NOT NULL,
    "uri" {text} NOT NULL,
    "state" {text} NOT NULL,
    "tried_at" {integer} NOT NULL,
    "claim" {text} NOT NULL,
    "picture_hash" {text},
    "reason" {text},
    PRIMARY KEY ("issuer", "client_id")
) {options};

CREATE TABLE "pictures" (
    "issuer" {text} NOT NULL,
    "picture_hash" {text} NOT NULL,
    "client_id" {text} NOT NULL,
    "png" {bytes} NOT NULL,
    PRIMARY KEY ("issuer", "picture_hash", "client_id")
) {options};
