import koffi = require('koffi');

import type { SignIn, SignInScheme } from '../../content/port.js';
import { secur32 as secur32Table } from '../abi/secur32.js';
import { loadSystemDll } from '../native/dll.js';
import { checkHResult } from '../native/failed-calls.js';

const SECPKG_CRED_OUTBOUND = 2;
const ISC_REQ_CONNECTION = 0x800;
const SECURITY_NATIVE_DREP = 0x10;
const SECBUFFER_TOKEN = 2;
const SEC_I_COMPLETE_NEEDED = 0x90313;
const SEC_I_COMPLETE_AND_CONTINUE = 0x90314;

/** A credentials handle and a context handle are two pointers each. */
const handleBytes = 16;
/** More than any package has in one token: Negotiate's own bound is 48,000. */
const maxTokenBytes = 64 * 1024;
/** SecBufferDesc and SecBuffer on x64 and arm64. https://learn.microsoft.com/windows/win32/api/sspi/ns-sspi-secbuffer */
const description = { size: 16, cBuffers: 4, pBuffers: 8 } as const;
const buffer = { size: 16, cbBuffer: 0, BufferType: 4, pvBuffer: 8 } as const;

/** A description of one token, with the token behind it: all in one block, which a call keeps alive. */
function tokenBlock(token: Buffer): Buffer {
  const block = Buffer.concat([Buffer.alloc(description.size + buffer.size), token]);
  const address = koffi.address(block);
  block.writeUInt32LE(1, description.cBuffers);
  block.writeBigUInt64LE(address + BigInt(description.size), description.pBuffers);
  const inner = block.subarray(description.size);
  inner.writeUInt32LE(token.length, buffer.cbBuffer);
  inner.writeUInt32LE(SECBUFFER_TOKEN, buffer.BufferType);
  inner.writeBigUInt64LE(address + BigInt(description.size + buffer.size), buffer.pvBuffer);
  return block;
}

function tokenOf(block: Buffer): Buffer {
  const length = block.readUInt32LE(description.size + buffer.cbBuffer);
  const start = description.size + buffer.size;
  return Buffer.from(block.subarray(start, start + length));
}

/** Signs in to the HTTP service of a host as the user of this process, by SSPI; off the event loop, for a domain may be asked. */
export function signIn(scheme: SignInScheme, host: string): SignIn {
  const secur32 = loadSystemDll('secur32.dll', secur32Table);
  const target = `HTTP/${host}`;
  const expiry = Buffer.alloc(8);
  const attributes = Buffer.alloc(4);
  let credentials: Buffer | null = null;
  let context: Buffer | null = null;
  let calling: Promise<unknown> = Promise.resolve();

  async function begin(): Promise<Buffer> {
    const handle = Buffer.alloc(handleBytes);
    const acquire = secur32.AcquireCredentialsHandleW.onPool;
    const status = await acquire(null, scheme, SECPKG_CRED_OUTBOUND, null, null, null, null, handle, expiry);
    checkHResult(`AcquireCredentialsHandle(${scheme})`, status);
    credentials = handle;
    return handle;
  }

  async function step(challenge: Buffer | null): Promise<Buffer> {
    const own = credentials ?? (await begin());
    const input = challenge && tokenBlock(challenge);
    const output = tokenBlock(Buffer.alloc(maxTokenBytes));
    const made = context ?? Buffer.alloc(handleBytes);
    const status = await secur32.InitializeSecurityContextW.onPool(
      own,
      context,
      target,
      ISC_REQ_CONNECTION,
      0,
      SECURITY_NATIVE_DREP,
      input,
      0,
      made,
      output,
      attributes,
      expiry,
    );
    checkHResult(`InitializeSecurityContext(${scheme}, ${target})`, status);
    context = made;
    if (status === SEC_I_COMPLETE_NEEDED || status === SEC_I_COMPLETE_AND_CONTINUE) {
      checkHResult('CompleteAuthToken', secur32.CompleteAuthToken(made, output));
    }
    return tokenOf(output);
  }

  return {
    answer(challenge) {
      const answered = step(challenge);
      calling = answered.catch(() => undefined);
      return answered;
    },
    end() {
      // Not while a call uses them.
      void calling.then(() => {
        if (context) secur32.DeleteSecurityContext(context);
        if (credentials) secur32.FreeCredentialsHandle(credentials);
        context = credentials = null;
      });
    },
  };
}
