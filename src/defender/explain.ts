import { Failure } from '../base/failure.js';
import { hresultHex } from '../base/hresult.js';
import { HResultError, windowsFailure } from '../base/hresult-error.js';
import { causeOfAbsence, repairAdvice } from './availability.js';
import { failureName, knownRecommendation } from './failure.js';
import { type Defender, MpClientMissing } from './port.js';

/**
 * What an error means in `defender/*`: a call that Defender refused, with the name of its HRESULT and what to do about it;
 * a missing MpClient, with what keeps Defender off. Anything else is given back as it is.
 */
export function explainDefender(defender: Defender): (error: unknown) => Promise<unknown> {
  return async (error) => {
    if (error instanceof HResultError) return refusedCall(error);
    if (error instanceof MpClientMissing) return missingClient(error, defender);
    return error;
  };
}

function refusedCall(error: HResultError): Failure {
  const { hresult, source, message } = error;
  const { data } = windowsFailure(error);
  const name = failureName(hresult);
  return new Failure(data.type, `${source} failed with ${name ?? hresultHex(hresult)}: ${message}`, {
    ...data,
    hresultName: name,
    recommendation: knownRecommendation(hresult) ?? data.recommendation,
  });
}

async function missingClient({ message, found }: MpClientMissing, defender: Defender): Promise<Failure> {
  const conditions = await defender.conditions();
  if (found) {
    return new Failure('NotAvailable', message, { reason: 'unusable', conditions, recommendation: repairAdvice });
  }
  const { reason, text } = causeOfAbsence(conditions);
  return new Failure('NotAvailable', `${message} ${text}`, {
    reason,
    conditions,
    recommendation: 'Install or re-enable Microsoft Defender Antivirus; bridge/doctor shows what stands in the way.',
  });
}
