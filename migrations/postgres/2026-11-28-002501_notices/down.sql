DROP TABLE text_count;
