import { development } from '../../support/places.ts';
import { test } from '../../support/test.ts';
import { takePictures } from './take.ts';

test.use({ settings: development.settings });
takePictures(development.places);
