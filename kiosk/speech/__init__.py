"""What a terminal says: the texts and targets of its own pages, in the page's language, into the headphones."""
