import { randomBlock } from '../../random/address.ts';
import { NETWORK_PURPOSE } from '../../random/network-purposes.ts';

/** Sign of β in a batch of an epoch, both from 0: 1 or −1 with equal chance. */
export function nudgeSign(seed: number, epoch: number, batch: number): 1 | -1 {
  return (randomBlock(seed, NETWORK_PURPOSE.nudgeSign, 0, epoch, batch >>> 2)[batch & 3]! & 1) === 1 ? 1 : -1;
}
