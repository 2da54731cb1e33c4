import { MAPPING_SOURCES, type MappingSource } from '../../transfer/column-plan.js';
import {
  FILE_FORMATS,
  type FileFormat,
  IMPORT_KINDS,
  type ImportKind,
} from '../../transfer/import-request.js';
import { registerEnum } from '../enums.js';

export const ImportKindEnum = registerEnum<ImportKind>(
  'ImportKind',
  IMPORT_KINDS,
  'What the rows of a file are.',
  {
    CONTACTS: 'Contacts: each row creates one or changes its attributes, as upsertContact does.',
    ACTIONS: 'Actions: each row records one, as recordAction does.',
  },
);

export const FileFormatEnum = registerEnum<FileFormat>(
  'FileFormat',
  FILE_FORMATS,
  'How rows are written, in UTF-8.',
  {
    CSV: 'A header, then a row a line; cells with a delimiter, a quote or a line break in them are in quotes.',
    JSONL: 'JSON Lines: one JSON object a line.',
  },
);

export const MappingSourceEnum = registerEnum<MappingSource>(
  'MappingSource',
  MAPPING_SOURCES,
  'How a column found its place.',
  {
    GIVEN: 'As asked for.',
    GUESSED: 'By its name.',
    CUSTOM: 'Its name is not known: it becomes an attribute, or a property, of that name.',
  },
);
