import { Failure } from '../base/failure.js';
import {
  CO_E_SERVER_EXEC_FAILURE,
  E_INVALIDARG,
  E_NOINTERFACE,
  RPC_E_DISCONNECTED,
  RPC_S_SERVER_UNAVAILABLE,
  signed,
} from '../base/hresult.js';
import { HResultError, windowsFailure } from '../base/hresult-error.js';
import { comNotRegistered, isUnregistered, notInstalled } from './errors.js';
import { isInstalled } from './installation.js';
import type { Office } from './port.js';

const restartService = 'Try again in a minute; if it stays so, restart the service ClickToRunSvc.';

/** What to do about an HRESULT, where Click-to-Run's own page or practice says more than the code itself. */
const advice: ReadonlyMap<number, string> = new Map([
  [E_INVALIDARG, 'Office refused the parameters: check the version, the URL and the content source.'],
  [E_NOINTERFACE, 'This Office is older than 16.0.8208 or its COM registration is damaged: see bridge/doctor.'],
  [CO_E_SERVER_EXEC_FAILURE, 'An Office update may just be ending: try again in a minute, then see bridge/doctor.'],
  [RPC_S_SERVER_UNAVAILABLE, restartService],
  [signed(0x800706be), restartService],
  [RPC_E_DISCONNECTED, restartService],
]);

/**
 * What an error means in `c2r/*`: an object that is not registered is told apart from an Office that is not there, and any
 * other refused call comes with its advice. What is not a refused call is given back as it is.
 */
export function explainOffice(office: Pick<Office, 'registry'>): (error: unknown) => Promise<unknown> {
  return async (error) => {
    if (isUnregistered(error)) {
      const installed = await isInstalled(office).catch(() => true);
      return installed ? comNotRegistered(error) : notInstalled();
    }
    if (!(error instanceof HResultError)) return error;
    const { message, data } = windowsFailure(error);
    return new Failure(data.type, message, {
      ...data,
      recommendation: advice.get(error.hresult) ?? data.recommendation,
    });
  };
}
