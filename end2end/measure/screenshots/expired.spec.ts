import { expired } from '../../support/places.ts';
import { test } from '../../support/test.ts';
import { takePictures } from './take.ts';

test.use({ settings: expired.settings });
takePictures(expired.places);
