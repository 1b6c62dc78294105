import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { badOption, type CommonOptions, checkOptions, option } from '../options.ts';
import { requireWritable } from '../output-folder.ts';
import { Reporter } from '../session.ts';

interface ExportOptions extends Pick<CommonOptions, 'quiet' | 'json'> {
  readonly out: string;
}

/** `generative export`: a model for web pages, its weights as bytes. */
export function addGenerativeExportCommand(generative: Command): void {
  generative
    .command('export')
    .description(
      'write a model for web pages, which `sample` and the like read too: weights rounded to 8 bits, no state of the training',
    )
    .argument('<model>', 'file that `generative train` wrote; an export is refused')
    .requiredOption('--out <file>', 'file to write')
    .addOption(option.quiet())
    .addOption(option.json())
    .action(exportModel);
}

async function exportModel(path: string, options: ExportOptions): Promise<void> {
  await checkOptions(options);
  const { out } = options;
  if (out === '') throw badOption('--out', out, 'the path of a file');
  await requireWritable('--out', out);
  const [{ readEnded }, { portableOf }, { quantised }] = await Promise.all([
    import('../generative/training-file.ts'),
    import('../../generative/model-file.ts'),
    import('../../generative/quantised-model.ts'),
  ]);
  const portable = portableOf(await readEnded(path));
  const bytes = quantised(portable);
  await mkdir(dirname(out), { recursive: true });
  await writeFile(out, bytes);
  const reporter = new Reporter(options);
  reporter.line(`${(bytes.length / 1e6).toFixed(2)} MB written to ${out}`);
  await reporter.summary({ bytes: bytes.length, sizes: portable.model.sizes });
}
