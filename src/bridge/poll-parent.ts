/**
 * Calls `onExit` once the process with this number has ended, at most a second late. For use where the number is all
 * that one can hold on to; it does not keep this process.
 */
export function pollParent(processId: number, onExit: () => void): void {
  const timer = setInterval(() => {
    try {
      process.kill(processId, 0);
    } catch (error) {
      // It lives, as another user's. Any other error is about a number that no process has.
      if ((error as NodeJS.ErrnoException).code === 'EPERM') return;
      clearInterval(timer);
      onExit();
    }
  }, 1000);
  timer.unref();
}
