"""Which texts a user can read: found in the page, the settings, the features' Params, the manifests and the page's scripts."""
