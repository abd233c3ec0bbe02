DROP TABLE directory_listing;
