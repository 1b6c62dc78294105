import { Argument, type Command } from 'commander';
import { badOption } from '../options.ts';

const documents = ['experiment', 'sweep'];

/** `schema [experiment|sweep]`: the JSON Schema of specs or of sweeps. */
export function addSchemaCommand(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of specs, or of sweeps')
    .addArgument(documentArgument())
    .action(async (document: string) => {
      const { experimentSchema, sweepSchema } = await import('../../stdp/json-schema.ts');
      const schema = document === 'sweep' ? sweepSchema() : experimentSchema();
      process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
    });
}

function documentArgument(): Argument {
  const argument = new Argument('[document]', 'what the schema is of').choices(documents).default('experiment');
  return argument.argParser((text) => {
    if (documents.includes(text)) return text;
    throw badOption('schema', text, `one of ${documents.join(', ')}`);
  });
}
