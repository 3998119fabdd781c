/** What the wire promises, one line each. Every id is cited, in square brackets, by at least one test or transcript. */
export interface Requirement {
  readonly id: string;
  /** The document that asks for it; `design` where it is our own decision, told in src/README. */
  readonly source: string;
  readonly behaviour: string;
}

const jsonRpc = (section: string) => `https://www.jsonrpc.org/specification#${section}`;
const lsp = (section: string) =>
  `https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#${section}`;
const design = 'design';

export const requirements: readonly Requirement[] = [
  // Frames
  {
    id: 'frame-header',
    source: lsp('headerPart'),
    behaviour:
      'Header names are case-insensitive, their order is free, unknown headers are ignored, Content-Length counts bytes.',
  },
  {
    id: 'frame-charset',
    source: lsp('headerPart'),
    behaviour: 'utf-8 and utf8 are accepted as charset; another one is -32600 and its frame is skipped.',
  },
  {
    id: 'frame-split',
    source: design,
    behaviour: 'However the bytes are cut into chunks, the same messages are read.',
  },
  { id: 'frame-bom', source: design, behaviour: 'One byte order mark before the first header is ignored.' },
  {
    id: 'frame-limits',
    source: design,
    behaviour:
      'A header above 8 KiB or a body above 32 MiB is -32600 with id null; a body that is too long is skipped without being kept.',
  },
  {
    id: 'frame-lost',
    source: design,
    behaviour:
      'A bad or missing length, stray bytes or an end inside a frame is -32700 with id null, one log line at error, and exit code 2.',
  },
  { id: 'frame-only', source: design, behaviour: 'stdout carries nothing but frames; logs are JSON lines on stderr.' },
  // Messages
  {
    id: 'parse-error',
    source: jsonRpc('error_object'),
    behaviour: 'A body that is not JSON, or not UTF-8, is -32700 with id null, and the next message is read.',
  },
  {
    id: 'invalid-request',
    source: jsonRpc('request_object'),
    behaviour:
      'JSON that is not a request object is -32600; the id is echoed where it is a string or a number, else null.',
  },
  { id: 'version-member', source: jsonRpc('request_object'), behaviour: 'jsonrpc must be exactly "2.0".' },
  {
    id: 'params-structure',
    source: jsonRpc('parameter_structures'),
    behaviour: 'params that are neither an object nor an array are -32600; null counts as none.',
  },
  {
    id: 'id-echo',
    source: jsonRpc('response_object'),
    behaviour: 'Ids are echoed as they were written: strings, 0, fractions, numbers beyond double precision, null.',
  },
  {
    id: 'id-kind',
    source: jsonRpc('request_object'),
    behaviour: '11 and "11" are two ids; ids that are objects, arrays or booleans are -32600.',
  },
  {
    id: 'id-duplicate',
    source: design,
    behaviour: 'An id that is still in use is refused with -32600 and id null; the first request is answered.',
  },
  {
    id: 'notification',
    source: jsonRpc('notification'),
    behaviour: 'A notification is never answered, not even one with an error in it, and runs no method.',
  },
  {
    id: 'body-limits',
    source: design,
    behaviour: 'A body nested deeper than 64 levels or with more than 100,000 elements is -32600 with id null.',
  },
  { id: 'prototype', source: design, behaviour: '__proto__ and constructor in a message change nothing.' },
  // Batches
  {
    id: 'batch',
    source: jsonRpc('batch'),
    behaviour: 'A batch is answered by one array with a response for each request, in the order of the requests.',
  },
  { id: 'batch-empty', source: jsonRpc('batch'), behaviour: 'An empty array is one -32600 that is not in an array.' },
  {
    id: 'batch-invalid',
    source: jsonRpc('batch'),
    behaviour: 'Each element that is not a request is its own -32600 within the array.',
  },
  {
    id: 'batch-notifications',
    source: jsonRpc('batch'),
    behaviour: 'A batch of notifications is not answered at all.',
  },
  { id: 'batch-limit', source: design, behaviour: 'More than 100 messages in a batch are one -32600 with id null.' },
  // Dispatch
  { id: 'method-not-found', source: jsonRpc('error_object'), behaviour: 'A method that does not exist is -32601.' },
  {
    id: 'invalid-params',
    source: jsonRpc('error_object'),
    behaviour:
      'Params that the contract refuses are -32602 with data.issues[] {path, message}; path names also an unknown key.',
  },
  {
    id: 'params-by-name',
    source: jsonRpc('parameter_structures'),
    behaviour: 'Params are by name; [] counts as none and [{...}] as that object, any other array is -32602.',
  },
  {
    id: 'params-null',
    source: design,
    behaviour:
      'null for an optional param or member of an object in it means that it is absent; for a required one it is -32602.',
  },
  {
    id: 'internal-error',
    source: jsonRpc('error_object'),
    behaviour: 'A bug is -32603; its details are logged and nothing of them crosses the wire.',
  },
  {
    id: 'error-data',
    source: design,
    behaviour: 'Every error has data.type, which is its name, and data.recommendation, which says what to do.',
  },
  {
    id: 'application-errors',
    source: design,
    behaviour: 'Application errors have positive codes from 1001 on, each with its type.',
  },
  { id: 'concurrency', source: jsonRpc('batch'), behaviour: 'A request that takes long holds up no other.' },
  // Cancellation and progress
  {
    id: 'cancel',
    source: lsp('cancelRequest'),
    behaviour: '$/cancelRequest ends the request with -32800 and cancels what it started.',
  },
  {
    id: 'cancel-unknown',
    source: lsp('cancelRequest'),
    behaviour: 'A cancel of an unknown id, or without one, is ignored.',
  },
  {
    id: 'cancel-batch',
    source: lsp('cancelRequest'),
    behaviour: 'A cancel reaches requests in batches, and works from inside a batch.',
  },
  {
    id: 'progress',
    source: lsp('progress'),
    behaviour: '$/progress {token, value} is sent for requests with a progressToken, and for no others.',
  },
  {
    id: 'progress-shape',
    source: design,
    behaviour:
      'A value has phase, message, percent or null, and elapsedMs; percent never falls and ends at 100 on success.',
  },
  {
    id: 'progress-rate',
    source: design,
    behaviour: 'At most 10 values a second and token, no phase lost, the last one before the response.',
  },
  // Lifecycle
  {
    id: 'initialize',
    source: lsp('initialize'),
    behaviour:
      'initialize tells protocolVersion, server, backend and process; it is optional, and a second one is -32600.',
  },
  {
    id: 'protocol-version',
    source: design,
    behaviour: 'Another protocolVersion is an error that names both versions.',
  },
  { id: 'shutdown', source: lsp('shutdown'), behaviour: 'shutdown gives null; every request after it is -32600.' },
  {
    id: 'exit',
    source: lsp('exit'),
    behaviour: 'exit ends the bridge, with code 0 after shutdown and 1 without, after replies to what was running.',
  },
  {
    id: 'end-of-input',
    source: design,
    behaviour:
      'When stdin ends, every request in flight gets its reply within 5 s (-32800 where it was cancelled), then exit code 0.',
  },
  {
    id: 'parent-death',
    source: design,
    behaviour: 'The bridge ends when the parent process does, by the end of stdin or by parentProcessId.',
  },
  { id: 'back-pressure', source: design, behaviour: 'While the client does not read, the bridge stops reading.' },
  { id: 'large-message', source: design, behaviour: 'A reply of 20 MB arrives whole.' },
  // Description
  {
    id: 'discover',
    source: 'https://spec.open-rpc.org/#service-discovery-method',
    behaviour: 'rpc.discover gives the OpenRPC document of every method; dist/openrpc.json is the same.',
  },
  {
    id: 'contract',
    source: design,
    behaviour:
      'Params that meet what rpc.discover says give a result that meets it, or an error that it lists; others are -32602 that names the param.',
  },
  {
    id: 'prototype-pollution',
    source: design,
    behaviour:
      'Keys such as __proto__ and constructor are data: they change no object but their own, wherever they stand.',
  },
  {
    id: 'secrets',
    source: design,
    behaviour:
      'Passwords of proxies, and what stands in the query of a URL, are in no log, error, manifest or process argument.',
  },
  {
    id: 'inherited-environment',
    source: design,
    behaviour: 'Proxy variables of the environment change nothing: a proxy is what a request names.',
  },
  {
    id: 'damaged-dist',
    source: design,
    behaviour:
      'A file of dist/ that is missing or damaged is one line, or one error, that names it and says what to do.',
  },
  {
    id: 'killed',
    source: design,
    behaviour: 'A bridge that is killed in the middle of an operation leaves no process, and the next one works.',
  },
  {
    id: 'interop',
    source: design,
    behaviour:
      'Clients of other authors and languages drive a whole session: initialize, calls, progress, cancel, shutdown.',
  },
  // Command line
  {
    id: 'call',
    source: design,
    behaviour:
      'call <method> [JSON], with options before or after: the result as one JSON line on stdout and exit code 0.',
  },
  {
    id: 'call-error',
    source: design,
    behaviour: 'A failed call is {"error": {code, message, data}} as one JSON line on stderr and exit code 1.',
  },
  {
    id: 'usage',
    source: design,
    behaviour: 'Wrong use, or a scenario that cannot be used, is one line on stderr and exit code 2.',
  },
  {
    id: 'environment',
    source: design,
    behaviour: 'C2R_BACKEND and C2R_SIMULATION do what --backend and --simulate do.',
  },
  { id: 'log', source: design, behaviour: '--log-level says how much is logged, --log-file replaces stderr.' },
  {
    id: 'node-versions',
    source: design,
    behaviour: 'The bridge says and does the same under Node 20.3, 22, 24 and 26.',
  },
  // The built file
  {
    id: 'dist',
    source: design,
    behaviour: 'dist/ is, byte for byte, what the sources build; the bridge is at most 150 kB.',
  },
];
