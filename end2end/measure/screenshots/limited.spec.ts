import { limited } from '../../support/places.ts';
import { test } from '../../support/test.ts';
import { takePictures } from './take.ts';

test.use({ settings: limited.settings });
takePictures(limited.places);
