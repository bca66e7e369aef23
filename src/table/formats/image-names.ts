/** The names of images in the formats that are read. */
export const IMAGE_NAME = /\.(png|jpe?g)$/i
