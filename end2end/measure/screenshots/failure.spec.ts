import { broken } from '../../support/places.ts';
import { test } from '../../support/test.ts';
import { takePictures } from './take.ts';

test.use({ settings: broken.settings });
takePictures(broken.places);
