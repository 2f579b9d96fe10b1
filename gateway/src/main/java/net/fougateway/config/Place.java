package net.fougateway.config;

/**
 * Where a value is in a document: at a key of a section, or an item of a list. A file has many thousand places, and few of them are ever told,
 * so the path is put together for whoever asks.
 */
final class Place {

    /** The document itself. */
    static final Place ROOT = new Place(null, "", -1);

    private final Place parent;
    private final String key;
    private final int item;

    private Place(Place parent, String key, int item) {
        this.parent = parent;
        this.key = key;
        this.item = item;
    }

    /** The value of a key here. */
    Place key(String name) {
        return new Place(this, name, -1);
    }

    /** An item of the list that is here, counted from 0. */
    Place item(int index) {
        return new Place(this, "", index);
    }

    /** True for an item of a list, and all in it: neither the environment nor flags say anything of it. */
    boolean isInList() {
        return item >= 0 || (parent != null && parent.isInList());
    }

    /** As it is told: {@code peers[1].allowed_ips[0]}. */
    String path() {
        if (parent == null) {
            return key;
        }
        return item >= 0 ? parent.path() + "[" + item + "]" : Key.join(parent.path(), key);
    }
}
