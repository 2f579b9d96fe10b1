package net.fougateway.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Values that an {@code int} setting takes. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Range {

    /** Smallest number. */
    int min();

    /** Largest number. */
    int max();

    /** A word that is allowed instead of a number; empty: none. */
    String word() default "";

    /** The number that stands for {@link #word} in Java. */
    int wordValue() default 0;
}
