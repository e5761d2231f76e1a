import { places } from '../../support/places.ts';
import { takePictures } from './take.ts';

takePictures(places);
