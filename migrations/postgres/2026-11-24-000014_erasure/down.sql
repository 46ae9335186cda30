DROP FUNCTION erase_trail();
