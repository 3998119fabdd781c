import { expect, test } from 'vitest';
import { applicationCodes, jsonRpcCodes } from '../../../src/contract/errors.js';

// Scripts compare these numbers and names: written out here, so that no change goes unseen.
test('the error codes are those that the documentation lists', () => {
  expect(jsonRpcCodes).toEqual({
    ParseError: -32700,
    InvalidRequest: -32600,
    MethodNotFound: -32601,
    InvalidParams: -32602,
    InternalError: -32603,
    RequestCancelled: -32800,
  });
  expect(applicationCodes).toEqual({
    WindowsError: 1001,
    NotAvailable: 1002,
    IllegalState: 1003,
    UpdateFailed: 1004,
    Timeout: 1005,
    ContentInvalid: 1006,
    NetworkError: 1007,
    Blocked: 1008,
    AccessDenied: 1009,
    InUse: 1010,
    NoSpace: 1011,
  });
});
