import { Argument, type Command } from 'commander';
import { badOption } from '../options.ts';

const documents = ['experiment', 'sweep', 'loop', 'threshold', 'generative'] as const;
type DocumentName = (typeof documents)[number];

/** `schema [experiment|sweep|loop|threshold|generative]`: the JSON Schema of the spec of a command. */
export function addSchemaCommand(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of specs: of run, sweep, loop, threshold or generative train')
    .addArgument(documentArgument())
    .action(async (document: DocumentName) => {
      const schemas = await import('../../stdp/json-schema.ts');
      const { generativeTrainingSchema } = await import('../../generative/json-schema.ts');
      const schemaOf = {
        experiment: schemas.experimentSchema,
        sweep: schemas.sweepSchema,
        loop: schemas.closedLoopSchema,
        threshold: schemas.thresholdCrossingSchema,
        generative: generativeTrainingSchema,
      };
      process.stdout.write(`${JSON.stringify(schemaOf[document](), null, 2)}\n`);
    });
}

function documentArgument(): Argument {
  const argument = new Argument('[document]', 'what the schema is of').choices(documents).default('experiment');
  return argument.argParser((text) => {
    if (documents.some((name) => name === text)) return text;
    throw badOption('schema', text, `one of ${documents.join(', ')}`);
  });
}
