import { operators } from '../../support/places.ts';
import { test } from '../../support/test.ts';
import { takePictures } from './take.ts';

test.use({ settings: operators.settings });
takePictures(operators.places);
