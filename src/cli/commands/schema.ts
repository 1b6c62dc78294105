import type { Command } from 'commander';

/** `schema`: the JSON Schema of specs. */
export function addSchemaCommand(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of specs')
    .action(async () => {
      const { experimentSchema } = await import('../../stdp/json-schema.ts');
      process.stdout.write(`${JSON.stringify(experimentSchema(), null, 2)}\n`);
    });
}
