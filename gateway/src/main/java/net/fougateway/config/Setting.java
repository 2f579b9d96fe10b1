package net.fougateway.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Makes a record component a key of the configuration file; the key is the component's name in snake_case. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Setting {

    /** What it means, for the documentation and the schema. */
    String doc();

    /** Default as YAML; empty: the component is null when the key is absent. */
    String def() default "";

    /** The key must be present, and a list must have an item. */
    boolean required() default false;

    /** A key that this one took the place of; whoever still writes it is told. */
    String replaces() default "";

    /** A running gateway takes over a new value of it, and of all keys in it; the others need a restart. */
    boolean live() default false;

    /** Of a list: a single value may be written for a list of one, and the environment and flags can set it, with commas. */
    boolean orSingle() default false;

    /** The key, where it differs from the component's name. */
    String key() default "";
}
