mod offer;
mod reference;
mod url;
