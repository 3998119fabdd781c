// A vitest reporter for .scripts/lanes.mjs: writes what became of every test to the file that C2R_TEST_REPORT names.
import { writeFileSync } from 'node:fs';

export default class TestReport {
  onTestRunEnd(modules, errors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()].map(outcome));
    const broken = modules.flatMap(brokenIn);
    for (const { message } of errors) broken.push({ file: '(outside of any test)', message });
    writeFileSync(process.env.C2R_TEST_REPORT ?? '', JSON.stringify({ tests, broken }));
  }
}

/** What failed in a file besides its tests: it did not load, or what a group of tests does before or after them went wrong. */
function brokenIn(module) {
  const file = module.relativeModuleId;
  const errors = [module, ...module.children.allSuites()].flatMap((each) => each.errors());
  if (errors.length > 0) return errors.map(({ message }) => ({ file, message }));
  const isEmpty = module.state() === 'failed' && [...module.children.allTests()].length === 0;
  return isEmpty ? [{ file, message: 'it has no tests' }] : [];
}

function outcome(test) {
  const { state, note, errors = [] } = test.result();
  const outcome = { name: test.fullName, lane: test.project.name, state };
  if (state === 'skipped' || state === 'pending')
    return { ...outcome, state: 'skipped', reason: note ?? reasonIn(test) };
  if (state === 'passed' && errors.length > 0) return { ...outcome, retriedAfter: errors[0].message.split('\n')[0] };
  return outcome;
}

/** The parenthesis at the end of the name of a test or of a group around it: how a skip in this suite says why. */
function reasonIn(task) {
  for (let each = task; each?.name; each = each.parent) {
    const reason = lastParenthesis(each.name);
    if (reason) return reason;
  }
  return null;
}

function lastParenthesis(name) {
  if (!name.endsWith(')')) return null;
  let depth = 0;
  for (let index = name.length - 1; index >= 0; index--) {
    if (name[index] === ')') depth++;
    if (name[index] === '(') depth--;
    if (depth === 0) return name.slice(index + 1, -1);
  }
  return null;
}
