import '../../src/element/index.ts';
import { StdpAgreement } from '../../src/element/agreement-element.ts';
import { element } from '../elements.ts';
import { Story } from './story.ts';

void new Story(element('figure', StdpAgreement), 'agreement').open();
