mod reference;
mod url;
