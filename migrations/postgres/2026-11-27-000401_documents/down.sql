DROP INDEX sealed_document_asked;
