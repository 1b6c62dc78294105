import { loadRules } from '../../src/index.ts';
import { openCaseRunner } from './cases.ts';

declare global {
  interface Window {
    /** Runs a GPU case; gives what went wrong. */
    runGpuCase?: (name: string) => Promise<string | undefined>;
  }
}

const unhandled: string[] = [];
window.addEventListener('unhandledrejection', ({ reason }) => unhandled.push(String(reason?.stack ?? reason)));

const runner = loadRules().then(() => openCaseRunner(navigator.gpu));

window.runGpuCase = async (name) => {
  try {
    await (await runner).run(name);
    // A rejection is called unhandled only when the tasks at hand are done.
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (unhandled.length > 0) throw new Error(`unhandled rejection: ${unhandled.splice(0).join('\n')}`);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
};
