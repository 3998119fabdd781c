import type { Run } from '../../base/run.js';
import type { content, StageProgress } from '../../contract/content.js';
import type { Params, Result } from '../../contract/method.js';

export type StageParams = Params<typeof content.stage>;
export type StageResult = Result<typeof content.stage>;
export type StageRun = Run<StageProgress>;
