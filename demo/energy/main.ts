import { NudgeStory } from './nudge-story.ts';
import { TrainingStory } from './training-story.ts';

new NudgeStory();
new TrainingStory();
