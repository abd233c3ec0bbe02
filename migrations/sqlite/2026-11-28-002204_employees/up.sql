-- Files of people that were looked through and wait for their start.
CREATE INDEX employee_import_waiting ON employee_import (company_id, id) WHERE state = 'checked';
