import type { Run } from '../../base/run.js';
import type { StageProgress } from '../../contract/content.js';
import { ByteProgress, describeBytes } from '../image/byte-progress.js';

/** Reports phases and figures together. */
export class PhaseProgress {
  #phase: StageProgress['phase'] = 'list';
  #message = '';
  readonly bytes: ByteProgress;

  constructor(run: Run<StageProgress>) {
    this.bytes = new ByteProgress(run.clock, (figures) => {
      const moving = this.#phase === 'cabinets' || this.#phase === 'download';
      const message = moving ? `${this.#message}: ${describeBytes(figures)}` : this.#message;
      run.report({ phase: this.#phase, message, ...figures });
    });
  }

  phase(phase: StageProgress['phase'], message: string): void {
    this.#phase = phase;
    this.#message = message;
    this.bytes.flush();
  }
}
