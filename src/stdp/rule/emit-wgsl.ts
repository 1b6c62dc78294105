import { f32Literal, type Guard, LARGEST_NUMBER } from './operations.ts';
import { type RuleNode, variableNames } from './syntax.ts';

/**
 * WGSL of a rule: a function `ruleValue` of the variables and of where the parameters begin in `ruleParameters`, which
 * returns the value and whether anything on the way had no finite result. It is written anew from the tree, every
 * intermediate result under a name of its own, so that nothing of the user's text gets into the kernel.
 */
export function ruleWgsl(rule: RuleNode): string {
  const emitter = new Emitter();
  const value = emitter.emit(rule);
  return [
    'struct RuleValue {',
    '  value: f32,',
    '  fault: bool,',
    '}',
    '',
    `fn ruleValue(firstParameter: u32, ${variableNames.map((name) => `${name}: f32`).join(', ')}) -> RuleValue {`,
    '  var fault = false;',
    ...emitter.lines,
    `  return RuleValue(${value}, fault);`,
    '}',
    '',
  ].join('\n');
}

class Emitter {
  readonly lines: string[] = [];
  #names = 0;
  #indent = '  ';

  /** Writes the statements that a node needs. Returns the name or literal of its value. */
  emit(node: RuleNode): string {
    switch (node.kind) {
      case 'literal':
        return node.type === 'bool' ? String(node.value === 1) : f32Literal(node.value);
      case 'variable':
        return node.name;
      case 'parameter':
        return this.#name(`ruleParameters[firstParameter + ${node.index}u]`);
      case 'choice': {
        const condition = this.emit(node.condition);
        const result = this.#nextName();
        this.#line(`var ${result} = ${node.type === 'bool' ? 'false' : '0f'};`);
        this.#line(`if (${condition}) {`);
        this.#assign(result, node.yes);
        this.#line('} else {');
        this.#assign(result, node.no);
        this.#line('}');
        return result;
      }
      case 'operation': {
        const { operation, operands } = node;
        const names = operands.map((operand) => this.#named(operand));
        for (const guard of operation.guards) this.#require(boundsOf(guard, guard.wgsl(...names)));
        const result = this.#name(operation.wgsl(...names));
        if (operation.grows) this.#require(`abs(${result}) <= ${f32Literal(LARGEST_NUMBER)}`);
        return result;
      }
    }
  }

  /** Literals get names too: what compilers can compute from literals alone has rules of its own. */
  #named(node: RuleNode): string {
    const text = this.emit(node);
    return node.kind === 'literal' ? this.#name(text) : text;
  }

  #assign(result: string, node: RuleNode): void {
    const outer = this.#indent;
    this.#indent += '  ';
    this.#line(`${result} = ${this.emit(node)};`);
    this.#indent = outer;
  }

  #require(condition: string): void {
    this.#line(`fault = fault || !(${condition});`);
  }

  #name(expression: string): string {
    const name = this.#nextName();
    this.#line(`let ${name} = ${expression};`);
    return name;
  }

  #nextName(): string {
    return `v${this.#names++}`;
  }

  #line(text: string): void {
    this.lines.push(`${this.#indent}${text}`);
  }
}

function boundsOf({ atLeast, atMost }: Guard, quantity: string): string {
  const bounds = [
    ...(atLeast === undefined ? [] : [`${quantity} >= ${f32Literal(atLeast)}`]),
    ...(atMost === undefined ? [] : [`${quantity} <= ${f32Literal(atMost)}`]),
  ];
  return bounds.join(' && ');
}
